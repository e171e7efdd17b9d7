package androidx.lifecycle;

public final class ProcessLifecycleOwner implements LifecycleOwner {
  private ProcessLifecycleOwner() {}

  public static LifecycleOwner get() {
    throw new UnsupportedOperationException();
  }

  @Override
  public Lifecycle getLifecycle() {
    throw new UnsupportedOperationException();
  }
}
