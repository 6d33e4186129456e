package dev.tenzing.everest.run;

/** A request that a run save and end after its present step; any thread may make it. */
public final class StopRequest {
  private volatile boolean asked;

  /** Asks for it. */
  public void ask() {
    asked = true;
  }

  /** Whether it was asked for. */
  public boolean asked() {
    return asked;
  }
}
