package dev.tenzing.engine.cuda;

import static dev.tenzing.bindings.cuda.Cuda.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR;
import static dev.tenzing.bindings.cuda.Cuda.CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR;
import static dev.tenzing.bindings.cuda.Cuda.CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
import static dev.tenzing.engine.cuda.DriverCall.check;

import dev.tenzing.bindings.cuda.Cuda;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The GPUs of this machine.
 *
 * @param driverVersion the newest CUDA that the driver supports, such as {@code 13.0}; empty when
 *     there is no driver
 * @param devices those the driver offers, in its order; it heeds {@code CUDA_VISIBLE_DEVICES}
 * @param problem why there are none, in one sentence; empty when there are some
 */
public record CudaDevices(String driverVersion, List<CudaDevice> devices, String problem) {
  private static final int TEXT_BYTES = 256;

  /** Asks the driver. Never throws: without driver or GPU the answer says so. */
  public static CudaDevices query(CudaLibraries libraries) {
    LibrarySearch driver = libraries.find(CudaLibrary.DRIVER);
    if (driver.loaded().isEmpty()) {
      return new CudaDevices("", List.of(), driver.complaint());
    }
    String version = "";
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
      version = newestCuda();
      check("cuInit", Cuda.cuInit(0));
      check("cuDeviceGetCount", Cuda.cuDeviceGetCount(number));
      int count = number.get(ValueLayout.JAVA_INT, 0);
      List<CudaDevice> devices = new ArrayList<>();
      for (int index = 0; index < count; index++) {
        devices.add(describe(index, arena));
      }
      String problem = count > 0 ? "" : "the CUDA driver offers no GPU";
      return new CudaDevices(version, List.copyOf(devices), problem);
    } catch (CudaException e) {
      return new CudaDevices(version, List.of(), e.getMessage());
    }
  }

  /**
   * The GPU with a number.
   *
   * @throws CudaException when there is none
   */
  public CudaDevice require(int index) {
    if (devices.isEmpty()) {
      throw new CudaException("cuda:" + index + " is not to be had: " + problem);
    }
    if (index < 0 || index >= devices.size()) {
      String last = devices.size() == 1 ? "" : " to cuda:" + (devices.size() - 1);
      throw new CudaException(
          "cuda:" + index + " does not exist: this machine offers cuda:0" + last);
    }
    return devices.get(index);
  }

  private static CudaDevice describe(int index, Arena arena) {
    MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
    check("cuDeviceGet", Cuda.cuDeviceGet(number, index));
    int device = number.get(ValueLayout.JAVA_INT, 0);
    MemorySegment name = arena.allocate(TEXT_BYTES);
    check("cuDeviceGetName", Cuda.cuDeviceGetName(name, TEXT_BYTES, device));
    MemorySegment bytes = arena.allocate(ValueLayout.JAVA_LONG);
    check("cuDeviceTotalMem", Cuda.cuDeviceTotalMem_v2(bytes, device));
    MemorySegment busId = arena.allocate(TEXT_BYTES);
    check("cuDeviceGetPCIBusId", Cuda.cuDeviceGetPCIBusId(busId, TEXT_BYTES, device));
    return new CudaDevice(
        index,
        name.getString(0),
        attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR(), number),
        attribute(device, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR(), number),
        bytes.get(ValueLayout.JAVA_LONG, 0),
        attribute(device, CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT(), number),
        busId.getString(0));
  }

  private static int attribute(int device, int attribute, MemorySegment number) {
    check("cuDeviceGetAttribute", Cuda.cuDeviceGetAttribute(number, attribute, device));
    return number.get(ValueLayout.JAVA_INT, 0);
  }

  /**
   * The newest CUDA that the loaded driver supports. It counts 1000 a major version and 10 a minor.
   */
  static String newestCuda() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
      check("cuDriverGetVersion", Cuda.cuDriverGetVersion(number)); // Needs no cuInit.
      int version = number.get(ValueLayout.JAVA_INT, 0);
      return version / 1000 + "." + version % 1000 / 10;
    }
  }
}
