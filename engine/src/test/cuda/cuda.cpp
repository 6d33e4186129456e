// A stand-in for the CUDA driver: one GPU whose memory is the host's and whose kernels are emulated.
//
// It is as strict as a driver where the engine could go wrong: what is put on a stream runs when
// somebody waits for it and not before, so that a missing wait or a pinned buffer that is reused too
// early shows; while a stream is captured nothing runs, and calls that a capture forbids fail;
// memory is checked to be the device's, within one allocation, and not yet freed.
#include "driver.h"

#include <dlfcn.h>
#include <elf.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace {

using Work = std::function<void()>;

constexpr size_t MEMORY_BYTES = size_t{4} << 30;
constexpr int MULTIPROCESSORS = 4;
constexpr int SHARED_BYTES = 48 * 1024;
constexpr int SHARED_BYTES_AT_MOST = 227 * 1024;

std::recursive_mutex lock;
#define ALONE std::lock_guard<std::recursive_mutex> alone(lock)

struct Capture {
  std::vector<Work> work;
  CUstreamCaptureMode mode;
  bool broken = false;
};

}  // namespace

// The driver's opaque types.
struct CUstream_st {
  std::deque<Work> queue;
  Capture* capture = nullptr;
  bool origin = false;
};
// An event can be recorded again while something still waits for an earlier record of it.
struct CUevent_st {
  CUstream_st* stream = nullptr;
  Capture* capture = nullptr;
  double seconds = 0;
  long recorded = 0;
  long passed = 0;

  bool done() const { return passed == recorded; }
};
struct CUctx_st {
  int uses = 0;
};
struct CUmod_st {
  void* library = nullptr;
  int (*find)(const char*) = nullptr;
  int (*arguments)(int, int*) = nullptr;
  void (*launch)(int, const unsigned*, const unsigned*, unsigned, void**) = nullptr;
  std::vector<std::unique_ptr<CUfunc_st>> functions;
};
struct CUfunc_st {
  CUmod_st* module = nullptr;
  int kernel = 0;
  int shared_limit = SHARED_BYTES;
  std::vector<int> sizes;
};
struct CUgraph_st {
  std::vector<Work> work;
};
struct CUgraphExec_st {
  std::shared_ptr<const std::vector<Work>> work;
};

namespace {

CUctx_st primary;
CUctx_st* current = nullptr;
std::vector<CUstream_st*> streams;
std::map<uintptr_t, size_t> device_memory;
std::map<uintptr_t, size_t> pinned_memory;
size_t used_bytes = 0;
Capture* capturing = nullptr;

double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec * 1e-9;
}

bool within(const std::map<uintptr_t, size_t>& blocks, uintptr_t at, size_t bytes) {
  auto next = blocks.upper_bound(at);
  if (next == blocks.begin()) {
    return false;
  }
  auto block = std::prev(next);
  return at + bytes <= block->first + block->second;
}

bool on_device(CUdeviceptr at, size_t bytes) { return within(device_memory, at, bytes); }

void run_next(CUstream_st* stream) {
  Work work = std::move(stream->queue.front());
  stream->queue.pop_front();
  work();
}

void drain(CUstream_st* stream) {
  while (!stream->queue.empty()) {
    run_next(stream);
  }
}

// Runs an event's stream up to one of its records and no further.
void run_to(CUevent_st* event, CUstream_st* stream, long record) {
  while (event->passed < record) {
    run_next(stream);
  }
}

// Puts work on a stream, or into the graph that the stream is being captured to.
CUresult enqueue(CUstream_st* stream, Work work) {
  if (stream == nullptr) {
    fprintf(stderr, "stand-in driver: work on the default stream, which waits for all others\n");
    return CUDA_ERROR_INVALID_HANDLE;
  }
  if (stream->capture != nullptr) {
    stream->capture->work.push_back(std::move(work));
  } else {
    stream->queue.push_back(std::move(work));
  }
  return CUDA_SUCCESS;
}

CUresult refuse_in_capture() {
  if (capturing == nullptr) {
    return CUDA_SUCCESS;
  }
  capturing->broken = true;
  return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
}

// For calls that may wait for a stream: a relaxed capture lets them pass.
CUresult refuse_in_strict_capture() {
  return capturing != nullptr && capturing->mode == CU_STREAM_CAPTURE_MODE_RELAXED
             ? CUDA_SUCCESS
             : refuse_in_capture();
}

#define TRY(call)                    \
  do {                               \
    CUresult result = (call);        \
    if (result != CUDA_SUCCESS) {    \
      return result;                 \
    }                                \
  } while (false)
#define NEEDS_CONTEXT                        \
  if (current == nullptr) {                  \
    return CUDA_ERROR_INVALID_CONTEXT;       \
  }

struct Name {
  CUresult code;
  const char* name;
  const char* meaning;
};
const Name NAMES[] = {
    {CUDA_SUCCESS, "CUDA_SUCCESS", "no error"},
    {CUDA_ERROR_INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {CUDA_ERROR_OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {CUDA_ERROR_INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {CUDA_ERROR_INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {CUDA_ERROR_INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {CUDA_ERROR_NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {CUDA_ERROR_NOT_READY, "CUDA_ERROR_NOT_READY", "device not ready"},
    {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED",
     "operation not permitted when stream is capturing"},
    {CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED",
     "operation failed due to a previous error during capture"},
};

}  // namespace

extern "C" {

// ---- driver, errors, devices

CUresult cuInit(unsigned) { return CUDA_SUCCESS; }

CUresult cuDriverGetVersion(int* version) {
  *version = CUDA_VERSION;
  return CUDA_SUCCESS;
}

CUresult cuGetErrorName(CUresult code, const char** text) {
  for (const Name& name : NAMES) {
    if (name.code == code) {
      *text = name.name;
      return CUDA_SUCCESS;
    }
  }
  return CUDA_ERROR_INVALID_VALUE;
}

CUresult cuGetErrorString(CUresult code, const char** text) {
  for (const Name& name : NAMES) {
    if (name.code == code) {
      *text = name.meaning;
      return CUDA_SUCCESS;
    }
  }
  return CUDA_ERROR_INVALID_VALUE;
}

CUresult cuDeviceGetCount(int* count) {
  *count = 1;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGet(CUdevice* device, int) {
  *device = 0;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetName(char* name, int bytes, CUdevice) {
  snprintf(name, bytes, "Emulated GPU");
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice) {
  switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: *value = 9; break;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: *value = 0; break;
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: *value = MULTIPROCESSORS; break;
    case CU_DEVICE_ATTRIBUTE_WARP_SIZE: *value = 32; break;
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = 1024; break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK: *value = SHARED_BYTES; break;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: *value = SHARED_BYTES_AT_MOST; break;
    default: *value = 1; break;
  }
  return CUDA_SUCCESS;
}

CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice) {
  *bytes = MEMORY_BYTES;
  return CUDA_SUCCESS;
}

CUresult cuDeviceGetPCIBusId(char* id, int bytes, CUdevice) {
  snprintf(id, bytes, "0000:00:00.0");
  return CUDA_SUCCESS;
}

// ---- contexts

CUresult cuDevicePrimaryCtxSetFlags_v2(CUdevice, unsigned) { return CUDA_SUCCESS; }

CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice) {
  ALONE;
  primary.uses++;
  *context = &primary;
  return CUDA_SUCCESS;
}

CUresult cuDevicePrimaryCtxRelease_v2(CUdevice) {
  ALONE;
  return primary.uses-- > 0 ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

CUresult cuCtxSetCurrent(CUcontext context) {
  ALONE;
  current = context;
  return CUDA_SUCCESS;
}

CUresult cuCtxGetCurrent(CUcontext* context) {
  *context = current;
  return CUDA_SUCCESS;
}

CUresult cuCtxSynchronize() {
  ALONE;
  TRY(refuse_in_capture());
  for (CUstream_st* stream : streams) {
    drain(stream);
  }
  return CUDA_SUCCESS;
}

CUresult cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  *least = 0;
  *greatest = -5;
  return CUDA_SUCCESS;
}

// ---- memory

CUresult cuMemGetInfo_v2(size_t* free_bytes, size_t* total) {
  ALONE;
  *total = MEMORY_BYTES;
  *free_bytes = MEMORY_BYTES - used_bytes;
  return CUDA_SUCCESS;
}

CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  ALONE;
  NEEDS_CONTEXT;
  TRY(refuse_in_strict_capture());
  if (bytes == 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  void* memory = bytes > MEMORY_BYTES - used_bytes ? nullptr : aligned_alloc(256, (bytes + 255) / 256 * 256);
  if (memory == nullptr) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  memset(memory, 0xff, bytes);
  used_bytes += bytes;
  *address = reinterpret_cast<CUdeviceptr>(memory);
  device_memory[*address] = bytes;
  return CUDA_SUCCESS;
}

CUresult cuMemFree_v2(CUdeviceptr address) {
  ALONE;
  TRY(cuCtxSynchronize());  // As the driver does.
  auto block = device_memory.find(address);
  if (block == device_memory.end()) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  used_bytes -= block->second;
  free(reinterpret_cast<void*>(address));
  device_memory.erase(block);
  return CUDA_SUCCESS;
}

CUresult cuMemHostAlloc(void** memory, size_t bytes, unsigned) {
  ALONE;
  TRY(refuse_in_strict_capture());
  *memory = aligned_alloc(256, (bytes + 255) / 256 * 256);
  pinned_memory[reinterpret_cast<uintptr_t>(*memory)] = bytes;
  return CUDA_SUCCESS;
}

CUresult cuMemFreeHost(void* memory) {
  ALONE;
  TRY(cuCtxSynchronize());
  if (pinned_memory.erase(reinterpret_cast<uintptr_t>(memory)) == 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  free(memory);
  return CUDA_SUCCESS;
}

static CUresult copy(void* target, const void* source, size_t bytes, CUstream stream) {
  return enqueue(stream, [=] { memmove(target, source, bytes); });
}

// Pageable memory is read before the call returns; pinned memory when the stream gets there.
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr target, const void* source, size_t bytes, CUstream stream) {
  ALONE;
  if (!on_device(target, bytes)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  if (within(pinned_memory, reinterpret_cast<uintptr_t>(source), bytes)) {
    return copy(reinterpret_cast<void*>(target), source, bytes, stream);
  }
  TRY(refuse_in_capture());
  auto staged = std::make_shared<std::vector<char>>(
      static_cast<const char*>(source), static_cast<const char*>(source) + bytes);
  return enqueue(stream, [=] { memcpy(reinterpret_cast<void*>(target), staged->data(), bytes); });
}

CUresult cuMemcpyDtoHAsync_v2(void* target, CUdeviceptr source, size_t bytes, CUstream stream) {
  ALONE;
  if (!on_device(source, bytes)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  TRY(copy(target, reinterpret_cast<const void*>(source), bytes, stream));
  if (!within(pinned_memory, reinterpret_cast<uintptr_t>(target), bytes)) {
    TRY(refuse_in_capture());
    drain(stream);
  }
  return CUDA_SUCCESS;
}

CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr target, CUdeviceptr source, size_t bytes, CUstream stream) {
  ALONE;
  if (!on_device(target, bytes) || !on_device(source, bytes)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return copy(reinterpret_cast<void*>(target), reinterpret_cast<const void*>(source), bytes, stream);
}

CUresult cuMemsetD8Async(CUdeviceptr target, unsigned char value, size_t n, CUstream stream) {
  ALONE;
  if (!on_device(target, n)) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return enqueue(stream, [=] { memset(reinterpret_cast<void*>(target), value, n); });
}

CUresult cuMemsetD32Async(CUdeviceptr target, unsigned value, size_t n, CUstream stream) {
  ALONE;
  if (!on_device(target, 4 * n) || target % 4 != 0) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  return enqueue(stream, [=] { std::fill_n(reinterpret_cast<unsigned*>(target), n, value); });
}

// ---- streams and events

CUresult cuStreamCreateWithPriority(CUstream* stream, unsigned flags, int) {
  ALONE;
  NEEDS_CONTEXT;
  if (flags != CU_STREAM_NON_BLOCKING) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  *stream = new CUstream_st;
  streams.push_back(*stream);
  return CUDA_SUCCESS;
}

CUresult cuStreamDestroy_v2(CUstream stream) {
  ALONE;
  drain(stream);
  std::erase(streams, stream);
  delete stream;
  return CUDA_SUCCESS;
}

CUresult cuStreamSynchronize(CUstream stream) {
  ALONE;
  TRY(refuse_in_capture());
  drain(stream);
  return CUDA_SUCCESS;
}

CUresult cuStreamQuery(CUstream stream) {
  ALONE;
  return stream->queue.empty() ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

CUresult cuEventCreate(CUevent* event, unsigned) {
  *event = new CUevent_st;
  return CUDA_SUCCESS;
}

CUresult cuEventDestroy_v2(CUevent event) {
  ALONE;
  run_to(event, event->stream, event->recorded);
  delete event;
  return CUDA_SUCCESS;
}

CUresult cuEventRecord(CUevent event, CUstream stream) {
  ALONE;
  event->stream = stream;
  event->capture = stream->capture;
  if (stream->capture != nullptr) {
    return CUDA_SUCCESS;
  }
  long record = ++event->recorded;
  return enqueue(stream, [=] {
    event->passed = record;
    event->seconds = now();
  });
}

CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned) {
  ALONE;
  if (event->capture != nullptr) {
    // The stream joins the capture, whose work keeps the order of the calls.
    stream->capture = event->capture;
    return CUDA_SUCCESS;
  }
  if (stream->capture != nullptr) {
    stream->capture->broken = true;
    return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
  }
  return enqueue(stream, [=, other = event->stream, record = event->recorded] {
    run_to(event, other, record);
  });
}

CUresult cuEventQuery(CUevent event) {
  ALONE;
  return event->done() ? CUDA_SUCCESS : CUDA_ERROR_NOT_READY;
}

CUresult cuEventSynchronize(CUevent event) {
  ALONE;
  run_to(event, event->stream, event->recorded);
  return CUDA_SUCCESS;
}

CUresult cuEventElapsedTime_v2(float* milliseconds, CUevent start, CUevent end) {
  ALONE;
  if (!start->done() || !end->done()) {
    return CUDA_ERROR_NOT_READY;
  }
  *milliseconds = static_cast<float>((end->seconds - start->seconds) * 1e3);
  return CUDA_SUCCESS;
}

// ---- modules and launches

// An image is a shared library; its section headers are the last thing in it.
CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  ALONE;
  NEEDS_CONTEXT;
  TRY(refuse_in_capture());
  const auto* header = static_cast<const Elf64_Ehdr*>(image);
  if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
    return CUDA_ERROR_INVALID_IMAGE;
  }
  size_t bytes = header->e_shoff + size_t{header->e_shentsize} * header->e_shnum;
  std::string path = std::string(P_tmpdir) + "/tenzing-module-XXXXXX";
  int file = mkstemp(path.data());
  bool written = file >= 0 && write(file, image, bytes) == static_cast<ssize_t>(bytes);
  if (file >= 0) {
    close(file);
  }
  auto loaded = std::make_unique<CUmod_st>();
  loaded->library = written ? dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) : nullptr;
  unlink(path.c_str());
  if (loaded->library == nullptr) {
    fprintf(stderr, "stand-in driver: %s\n", dlerror());
    return CUDA_ERROR_INVALID_IMAGE;
  }
  loaded->find = reinterpret_cast<int (*)(const char*)>(dlsym(loaded->library, "tenzing_find"));
  loaded->arguments =
      reinterpret_cast<int (*)(int, int*)>(dlsym(loaded->library, "tenzing_arguments"));
  loaded->launch = reinterpret_cast<void (*)(int, const unsigned*, const unsigned*, unsigned, void**)>(
      dlsym(loaded->library, "tenzing_launch"));
  if (loaded->find == nullptr || loaded->arguments == nullptr || loaded->launch == nullptr) {
    return CUDA_ERROR_INVALID_IMAGE;
  }
  *module = loaded.release();
  return CUDA_SUCCESS;
}

CUresult cuModuleUnload(CUmodule module) {
  ALONE;
  TRY(cuCtxSynchronize());
  dlclose(module->library);
  delete module;
  return CUDA_SUCCESS;
}

CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  ALONE;
  int kernel = module->find(name);
  if (kernel < 0) {
    return CUDA_ERROR_NOT_FOUND;
  }
  auto found = std::make_unique<CUfunc_st>();
  found->module = module;
  found->kernel = kernel;
  int sizes[256];
  found->sizes.assign(sizes, sizes + module->arguments(kernel, sizes));
  *function = found.get();
  module->functions.push_back(std::move(found));
  return CUDA_SUCCESS;
}

CUresult cuFuncGetAttribute(int* value, CUfunction_attribute, CUfunction) {
  *value = 0;
  return CUDA_SUCCESS;
}

CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
  ALONE;
  if (attribute == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) {
    if (value > SHARED_BYTES_AT_MOST) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    function->shared_limit = value;
  }
  return CUDA_SUCCESS;
}

CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                        unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                        CUstream stream, void** arguments, void** extra) {
  ALONE;
  bool fits = grid_x > 0 && grid_y > 0 && grid_z > 0 && block_x > 0 && block_y > 0 && block_z > 0 &&
              grid_x <= 0x7fffffffu && grid_y <= 65535 && grid_z <= 65535 &&
              size_t{block_x} * block_y * block_z <= 1024 &&
              static_cast<int>(shared_bytes) <= function->shared_limit;
  if (!fits || extra != nullptr) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  // The driver copies the arguments before it returns.
  auto copies = std::make_shared<std::vector<std::vector<char>>>();
  for (size_t i = 0; i < function->sizes.size(); i++) {
    const char* from = static_cast<const char*>(arguments[i]);
    copies->emplace_back(from, from + function->sizes[i]);
  }
  return enqueue(stream, [=] {
    std::vector<void*> pointers;
    for (std::vector<char>& argument : *copies) {
      pointers.push_back(argument.data());
    }
    unsigned grid[3] = {grid_x, grid_y, grid_z};
    unsigned block[3] = {block_x, block_y, block_z};
    function->module->launch(function->kernel, grid, block, shared_bytes, pointers.data());
  });
}

// ---- graphs

CUresult cuStreamBeginCapture_v2(CUstream stream, CUstreamCaptureMode mode) {
  ALONE;
  if (capturing != nullptr) {
    return CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED;
  }
  capturing = stream->capture = new Capture{.work = {}, .mode = mode};
  stream->origin = true;
  return CUDA_SUCCESS;
}

CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  ALONE;
  if (stream->capture == nullptr || !stream->origin) {
    return CUDA_ERROR_INVALID_VALUE;
  }
  Capture* capture = stream->capture;
  for (CUstream_st* other : streams) {
    other->capture = nullptr;
  }
  stream->origin = false;
  capturing = nullptr;
  *graph = capture->broken ? nullptr : new CUgraph_st{std::move(capture->work)};
  bool broken = capture->broken;
  delete capture;
  return broken ? CUDA_ERROR_STREAM_CAPTURE_INVALIDATED : CUDA_SUCCESS;
}

CUresult cuStreamIsCapturing(CUstream stream, CUstreamCaptureStatus* status) {
  ALONE;
  *status = stream->capture == nullptr ? CU_STREAM_CAPTURE_STATUS_NONE
            : stream->capture->broken  ? CU_STREAM_CAPTURE_STATUS_INVALIDATED
                                       : CU_STREAM_CAPTURE_STATUS_ACTIVE;
  return CUDA_SUCCESS;
}

CUresult cuGraphGetNodes(CUgraph graph, CUgraphNode*, size_t* count) {
  *count = graph->work.size();
  return CUDA_SUCCESS;
}

CUresult cuGraphInstantiateWithFlags(CUgraphExec* exec, CUgraph graph, unsigned long long) {
  *exec = new CUgraphExec_st{std::make_shared<const std::vector<Work>>(graph->work)};
  return CUDA_SUCCESS;
}

CUresult cuGraphUpload(CUgraphExec, CUstream) { return CUDA_SUCCESS; }

CUresult cuGraphLaunch(CUgraphExec exec, CUstream stream) {
  ALONE;
  return enqueue(stream, [work = exec->work] {
    for (const Work& each : *work) {
      each();
    }
  });
}

CUresult cuGraphExecDestroy(CUgraphExec exec) {
  ALONE;
  TRY(cuCtxSynchronize());
  delete exec;
  return CUDA_SUCCESS;
}

CUresult cuGraphDestroy(CUgraph graph) {
  delete graph;
  return CUDA_SUCCESS;
}

// ---- for the stand-in of cuBLASLt

CUresult tenzing_enqueue(CUstream stream, void (*call)(void*), void* data, void (*release)(void*)) {
  ALONE;
  std::shared_ptr<void> held(data, release);
  return enqueue(stream, [=] { call(held.get()); });
}

int tenzing_on_device(CUdeviceptr address, size_t bytes) {
  ALONE;
  return on_device(address, bytes);
}

}  // extern "C"
