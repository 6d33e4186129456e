package dev.tenzing.everest.run;

/** Whether somebody wants a run to save and end after its present step; for any thread. */
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
