// A stand-in for NVRTC: the host's compiler makes a shared library of a kernel file, which the
// stand-in for the driver takes for machine code.
#include <dlfcn.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cctype>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace {

enum Result { SUCCESS = 0, INVALID_INPUT = 3, INVALID_OPTION = 5, COMPILATION = 6 };

struct Program {
  std::string name;
  std::string source;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string log;
  std::string image;
};

// The folder of this library, where the emulation's header is.
std::filesystem::path here() {
  Dl_info info;
  dladdr(reinterpret_cast<void*>(&here), &info);
  return std::filesystem::path(info.dli_fname).parent_path();
}

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream all;
  all << in.rdbuf();
  return all.str();
}

int run(const std::string& command, const std::filesystem::path& log) {
  return system((command + " >" + log.string() + " 2>&1").c_str());
}

// The names of the functions marked as kernels, whose marks are removed.
std::vector<std::string> kernels(std::string& preprocessed) {
  const std::string mark = "__global__";
  std::vector<std::string> names;
  for (size_t at = preprocessed.find(mark); at != std::string::npos;
       at = preprocessed.find(mark, at)) {
    preprocessed.replace(at, mark.size(), "");
    size_t open = preprocessed.find('(', at);
    size_t end = open;
    while (end > at && isspace(preprocessed[end - 1])) {
      end--;
    }
    size_t begin = end;
    while (begin > at && (isalnum(preprocessed[begin - 1]) || preprocessed[begin - 1] == '_')) {
      begin--;
    }
    names.push_back(preprocessed.substr(begin, end - begin));
  }
  return names;
}

}  // namespace

extern "C" {

int nvrtcVersion(int* major, int* minor) {
  *major = 13;
  *minor = 0;
  return SUCCESS;
}

const char* nvrtcGetErrorString(int result) {
  switch (result) {
    case SUCCESS: return "NVRTC_SUCCESS";
    case INVALID_INPUT: return "NVRTC_ERROR_INVALID_INPUT";
    case INVALID_OPTION: return "NVRTC_ERROR_INVALID_OPTION";
    default: return "NVRTC_ERROR_COMPILATION";
  }
}

int nvrtcGetNumSupportedArchs(int* count) {
  *count = 2;
  return SUCCESS;
}

int nvrtcGetSupportedArchs(int* architectures) {
  architectures[0] = 80;
  architectures[1] = 90;
  return SUCCESS;
}

int nvrtcCreateProgram(Program** program, const char* source, const char* name, int headers,
                       const char* const* contents, const char* const* names) {
  *program = new Program{name == nullptr ? "kernel" : name, source, {}, {}, {}};
  for (int i = 0; i < headers; i++) {
    (*program)->headers.emplace_back(names[i], contents[i]);
  }
  return SUCCESS;
}

int nvrtcDestroyProgram(Program** program) {
  delete *program;
  *program = nullptr;
  return SUCCESS;
}

int nvrtcCompileProgram(Program* program, int count, const char* const* options) {
  for (int i = 0; i < count; i++) {
    if (strncmp(options[i], "--", 2) != 0) {
      program->log = std::string("unrecognized option ") + options[i];
      return INVALID_OPTION;
    }
  }
  std::string pattern = (std::filesystem::temp_directory_path() / "tenzing-kernels-XXXXXX").string();
  std::filesystem::path folder = mkdtemp(pattern.data());
  std::filesystem::path source = folder / "kernels.cpp", preprocessed = folder / "kernels.ii";
  std::filesystem::path log = folder / "log", library = folder / "kernels.so";
  std::ofstream(source) << program->source;
  for (const auto& [name, text] : program->headers) {
    std::ofstream(folder / name) << text;
  }
  std::string flags = "g++ -std=c++20 -w ";
  bool good = run(flags + "-E -P -include " + (here() / "emulation.h").string() + " -I " +
                      folder.string() + " " + source.string() + " -o " + preprocessed.string(),
                  log) == 0;
  if (good) {
    std::string text = read(preprocessed);
    for (const std::string& kernel : kernels(text)) {
      text += "\nstatic emulation::Register register_" + kernel + "(\"" + kernel + "\", &" + kernel + ");";
    }
    std::ofstream(preprocessed) << text << "\n";
    good = run(flags + "-O2 -march=native -fpreprocessed -fPIC -shared -fvisibility=hidden "
                       "-fno-gnu-unique " + preprocessed.string() + " -o " + library.string(),
               log) == 0;
  }
  program->log = read(log);
  program->image = good ? read(library) : "";
  std::filesystem::remove_all(folder);
  return good ? SUCCESS : COMPILATION;
}

int nvrtcGetProgramLogSize(Program* program, size_t* bytes) {
  *bytes = program->log.size() + 1;
  return SUCCESS;
}

int nvrtcGetProgramLog(Program* program, char* log) {
  memcpy(log, program->log.c_str(), program->log.size() + 1);
  return SUCCESS;
}

int nvrtcGetCUBINSize(Program* program, size_t* bytes) {
  *bytes = program->image.size();
  return SUCCESS;
}

int nvrtcGetCUBIN(Program* program, char* image) {
  memcpy(image, program->image.data(), program->image.size());
  return SUCCESS;
}

}  // extern "C"
