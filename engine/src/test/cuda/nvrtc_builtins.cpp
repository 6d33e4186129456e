// The real NVRTC keeps its tables in a second library, without which it is passed over. The stand-in
// needs none; this one is there to be found.
