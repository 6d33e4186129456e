// A CUDA driver without a GPU: the functions that CudaDevices calls, with made answers.
#include <stdio.h>

static int device_count = 2;
static int initialised = 0;

// Not of the driver: lets a test choose how many GPUs there are.
void standin_set_device_count(int count) {
  device_count = count;
  initialised = 0;
}

int cuInit(unsigned int flags) {
  if (flags != 0) return 1;
  if (device_count == 0) return 100;
  initialised = 1;
  return 0;
}

int cuDriverGetVersion(int *version) {
  *version = 12080;
  return 0;
}

int cuDeviceGetCount(int *count) {
  if (!initialised) return 3;
  *count = device_count;
  return 0;
}

// The handle differs from the number, so that a mix-up shows.
int cuDeviceGet(int *device, int ordinal) {
  if (!initialised) return 3;
  if (ordinal < 0 || ordinal >= device_count) return 101;
  *device = 1000 + ordinal;
  return 0;
}

static int bad(int device) { return device < 1000 || device >= 1000 + device_count; }

int cuDeviceGetName(char *name, int length, int device) {
  if (bad(device)) return 101;
  snprintf(name, length, "Stand-in %d", device - 1000);
  return 0;
}

int cuDeviceTotalMem_v2(size_t *bytes, int device) {
  if (bad(device)) return 101;
  *bytes = 80000000000u + device - 1000; // more than 32 bits hold
  return 0;
}

int cuDeviceGetPCIBusId(char *text, int length, int device) {
  if (bad(device)) return 101;
  snprintf(text, length, "0000:%02X:00.0", device - 1000 + 0x3A);
  return 0;
}

int cuDeviceGetAttribute(int *value, int attribute, int device) {
  if (bad(device)) return 101;
  switch (attribute) {
    case 75: *value = 9 + device - 1000; return 0;
    case 76: *value = 1; return 0;
    case 16: *value = 132; return 0;
    default: return 1;
  }
}

int cuGetErrorName(int error, const char **text) {
  *text = error == 100 ? "CUDA_ERROR_NO_DEVICE" : 0;
  return *text ? 0 : 1;
}

int cuGetErrorString(int error, const char **text) {
  *text = error == 100 ? "no CUDA-capable device is detected" : 0;
  return *text ? 0 : 1;
}
