// A stand-in for cuBLASLt: products of column-major matrices by plain loops, with the epilogue and
// the types that the engine asks for. What it is not asked for it refuses.
#include "driver.h"

#include <cstdio>
#include <cstring>
#include <memory>
#include <vector>

namespace {

enum Status { SUCCESS = 0, INVALID_VALUE = 7, NOT_SUPPORTED = 15 };
enum Type { R_32F = 0, R_16BF = 14 };
enum Compute { COMPUTE_32F = 68, COMPUTE_32F_FAST_TF32 = 77 };
enum Operation { OP_N = 0, OP_T = 1 };
enum DescAttribute { TRANSA = 3, TRANSB = 4, EPILOGUE = 7, BIAS_POINTER = 8 };
enum Epilogue { EPILOGUE_DEFAULT = 1, EPILOGUE_BIAS = 4 };
enum PreferenceAttribute { MAX_WORKSPACE = 1, ALIGNMENT_A = 5, ALIGNMENT_D = 8 };

struct Description {
  int compute;
  int scale_type;
  int trans_a = OP_N, trans_b = OP_N;
  int epilogue = EPILOGUE_DEFAULT;
  const void* bias = nullptr;
};

struct Layout {
  int type;
  uint64_t rows, columns;
  int64_t stride;

  size_t bytes() const { return (columns - 1) * stride * size() + rows * size(); }
  size_t size() const { return type == R_16BF ? 2 : 4; }
  bool good() const {
    return (type == R_32F || type == R_16BF) && rows > 0 && columns > 0 && stride >= static_cast<int64_t>(rows);
  }
};

struct Preference {
  uint64_t workspace = 0;
  uint32_t alignment[4] = {256, 256, 256, 256};
};

struct Algorithm {
  uint64_t data[8];
};

struct Heuristic {
  Algorithm algorithm;
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
};
static_assert(sizeof(Heuristic) == 96);

constexpr uint64_t MARK = 0x74656e7a696e67;

float element(const void* matrix, int type, size_t i) {
  if (type == R_32F) {
    return static_cast<const float*>(matrix)[i];
  }
  uint32_t bits = static_cast<uint32_t>(static_cast<const uint16_t*>(matrix)[i]) << 16;
  float value;
  memcpy(&value, &bits, 4);
  return value;
}

void put(void* matrix, int type, size_t i, float value) {
  if (type == R_32F) {
    static_cast<float*>(matrix)[i] = value;
    return;
  }
  uint32_t bits;
  memcpy(&bits, &value, 4);
  bool nan = (bits & 0x7fffffffu) > 0x7f800000u;
  static_cast<uint16_t*>(matrix)[i] =
      nan ? bits >> 16 | 0x40 : (bits + 0x7fff + (bits >> 16 & 1)) >> 16;
}

// op(matrix) as [columns][rows] floats, one column after the other.
std::vector<float> columns(const void* matrix, const Layout& layout, bool transposed) {
  uint64_t rows = transposed ? layout.columns : layout.rows;
  uint64_t count = transposed ? layout.rows : layout.columns;
  std::vector<float> all(rows * count);
  for (uint64_t c = 0; c < count; c++) {
    for (uint64_t r = 0; r < rows; r++) {
      all[c * rows + r] = element(matrix, layout.type, transposed ? r * layout.stride + c : c * layout.stride + r);
    }
  }
  return all;
}

struct Product {
  Description description;
  float alpha, beta;
  const void *a, *b, *c;
  void* d;
  Layout layout_a, layout_b, layout_c, layout_d;

  void run() const {
    uint64_t m = layout_d.rows, n = layout_d.columns;
    std::vector<float> left = columns(a, layout_a, description.trans_a == OP_T);
    std::vector<float> right = columns(b, layout_b, description.trans_b == OP_T);
    uint64_t k = left.size() / m;
    std::vector<float> sums(m);
    for (uint64_t j = 0; j < n; j++) {
      std::fill(sums.begin(), sums.end(), 0.f);
      for (uint64_t p = 0; p < k; p++) {
        float factor = right[j * k + p];
        const float* column = &left[p * m];
        for (uint64_t i = 0; i < m; i++) {
          sums[i] += factor * column[i];
        }
      }
      for (uint64_t i = 0; i < m; i++) {
        float value = alpha * sums[i];
        if (beta != 0) {
          value += beta * element(c, layout_c.type, j * layout_c.stride + i);
        }
        if (description.epilogue == EPILOGUE_BIAS) {
          value += element(description.bias, layout_d.type, i);
        }
        put(d, layout_d.type, j * layout_d.stride + i, value);
      }
    }
  }
};

bool fits(const Description& d, const Layout& a, const Layout& b, const Layout& c, const Layout& out) {
  uint64_t rows = d.trans_a == OP_T ? a.columns : a.rows, inner = d.trans_a == OP_T ? a.rows : a.columns;
  uint64_t columns = d.trans_b == OP_T ? b.rows : b.columns, other = d.trans_b == OP_T ? b.columns : b.rows;
  return a.good() && b.good() && c.good() && out.good() && rows == out.rows && columns == out.columns &&
         inner == other && c.rows == out.rows && c.columns == out.columns && a.type == b.type &&
         (d.compute == COMPUTE_32F || d.compute == COMPUTE_32F_FAST_TF32) && d.scale_type == R_32F &&
         (a.type == R_32F ? out.type == R_32F : d.compute == COMPUTE_32F) && c.type == out.type;
}

bool on_device(const void* p, size_t bytes) {
  return tenzing_on_device(reinterpret_cast<CUdeviceptr>(p), bytes);
}

}  // namespace

extern "C" {

int cublasLtCreate(void** handle) {
  *handle = new int(0);
  return SUCCESS;
}

int cublasLtDestroy(void* handle) {
  delete static_cast<int*>(handle);
  return SUCCESS;
}

size_t cublasLtGetVersion() { return 130000; }
size_t cublasLtGetCudartVersion() { return 13000; }
const char* cublasLtGetStatusName(int status) {
  return status == SUCCESS         ? "CUBLAS_STATUS_SUCCESS"
         : status == INVALID_VALUE ? "CUBLAS_STATUS_INVALID_VALUE"
                                   : "CUBLAS_STATUS_NOT_SUPPORTED";
}
const char* cublasLtGetStatusString(int status) {
  return status == SUCCESS         ? "success"
         : status == INVALID_VALUE ? "an unsupported value or parameter was passed to the function"
                                   : "the functionality requested is not supported";
}

int cublasLtMatmulDescCreate(Description** description, int compute, int scale_type) {
  *description = new Description{compute, scale_type};
  return SUCCESS;
}

int cublasLtMatmulDescDestroy(Description* description) {
  delete description;
  return SUCCESS;
}

int cublasLtMatmulDescSetAttribute(Description* d, int attribute, const void* value, size_t bytes) {
  void* target = attribute == TRANSA         ? static_cast<void*>(&d->trans_a)
                 : attribute == TRANSB       ? static_cast<void*>(&d->trans_b)
                 : attribute == EPILOGUE     ? static_cast<void*>(&d->epilogue)
                 : attribute == BIAS_POINTER ? static_cast<void*>(&d->bias)
                                             : nullptr;
  if (target == nullptr || bytes != (attribute == BIAS_POINTER ? 8u : 4u)) {
    return INVALID_VALUE;
  }
  memcpy(target, value, bytes);
  bool known = d->epilogue == EPILOGUE_DEFAULT || d->epilogue == EPILOGUE_BIAS;
  return known && d->trans_a <= OP_T && d->trans_b <= OP_T ? SUCCESS : NOT_SUPPORTED;
}

int cublasLtMatrixLayoutCreate(Layout** layout, int type, uint64_t rows, uint64_t columns, int64_t stride) {
  *layout = new Layout{type, rows, columns, stride};
  return (*layout)->good() ? SUCCESS : INVALID_VALUE;
}

int cublasLtMatrixLayoutDestroy(Layout* layout) {
  delete layout;
  return SUCCESS;
}

int cublasLtMatmulPreferenceCreate(Preference** preference) {
  *preference = new Preference;
  return SUCCESS;
}

int cublasLtMatmulPreferenceDestroy(Preference* preference) {
  delete preference;
  return SUCCESS;
}

int cublasLtMatmulPreferenceSetAttribute(Preference* p, int attribute, const void* value, size_t bytes) {
  if (attribute == MAX_WORKSPACE && bytes == 8) {
    memcpy(&p->workspace, value, 8);
    return SUCCESS;
  }
  if (attribute >= ALIGNMENT_A && attribute <= ALIGNMENT_D && bytes == 4) {
    memcpy(&p->alignment[attribute - ALIGNMENT_A], value, 4);
    return SUCCESS;
  }
  return INVALID_VALUE;
}

// What it returns works for the alignment that was asked for and no less.
int cublasLtMatmulAlgoGetHeuristic(void*, Description* d, Layout* a, Layout* b, Layout* c, Layout* out,
                                   Preference* preference, int requested, Heuristic* results, int* returned) {
  *returned = 0;
  if (requested < 1 || !fits(*d, *a, *b, *c, *out)) {
    return NOT_SUPPORTED;
  }
  memset(results, 0, sizeof(Heuristic));
  results->algorithm.data[0] = MARK;
  for (int i = 0; i < 4; i++) {
    results->algorithm.data[1 + i] = preference->alignment[i];
  }
  results->algorithm.data[5] = preference->workspace;
  results->workspace = preference->workspace;
  results->waves = 1;
  *returned = 1;
  return SUCCESS;
}

int cublasLtMatmul(void*, Description* description, const void* alpha, const void* a, Layout* layout_a,
                   const void* b, Layout* layout_b, const void* beta, const void* c, Layout* layout_c, void* d,
                   Layout* layout_d, const Algorithm* algorithm, void* workspace, size_t workspace_bytes,
                   CUstream stream) {
  if (!fits(*description, *layout_a, *layout_b, *layout_c, *layout_d) || algorithm == nullptr ||
      algorithm->data[0] != MARK || workspace_bytes < algorithm->data[5]) {
    return INVALID_VALUE;
  }
  const void* pointers[] = {a, b, c, d};
  const Layout* layouts[] = {layout_a, layout_b, layout_c, layout_d};
  for (int i = 0; i < 4; i++) {
    if (reinterpret_cast<uintptr_t>(pointers[i]) % algorithm->data[1 + i] != 0 ||
        !on_device(pointers[i], layouts[i]->bytes())) {
      fprintf(stderr, "stand-in cuBLASLt: matrix %c, %zu bytes at %p, is misplaced\n", "ABCD"[i],
              layouts[i]->bytes(), pointers[i]);
      return INVALID_VALUE;
    }
  }
  bool biased = description->epilogue == EPILOGUE_BIAS;
  if ((biased && !on_device(description->bias, layout_d->size() * layout_d->rows)) ||
      (workspace_bytes > 0 && !on_device(workspace, workspace_bytes))) {
    return INVALID_VALUE;
  }
  auto* product = new Product{*description, *static_cast<const float*>(alpha), *static_cast<const float*>(beta),
                              a, b, c, d, *layout_a, *layout_b, *layout_c, *layout_d};
  auto run = [](void* p) { static_cast<Product*>(p)->run(); };
  auto release = [](void* p) { delete static_cast<Product*>(p); };
  return tenzing_enqueue(stream, run, product, release) == CUDA_SUCCESS ? SUCCESS : INVALID_VALUE;
}

}  // extern "C"
