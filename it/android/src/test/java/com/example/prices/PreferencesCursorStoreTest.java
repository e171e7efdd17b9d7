package com.example.prices;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import android.content.SharedPreferences;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PreferencesCursorStoreTest {
  private final Map<String, String> disk = new HashMap<>();
  private boolean diskIsFull;
  private final PreferencesCursorStore store = new PreferencesCursorStore(preferences(), "prices");

  @Test
  void aPositionIsOnTheDiskWhenItsStoringReturns() {
    assertNull(store.load());
    store.save("epoch-17");
    assertEquals(Map.of("prices", "epoch-17"), disk);
    assertEquals("epoch-17", store.load());
  }

  @Test
  void aPositionThatTheServerTookBackIsForgotten() {
    store.save("epoch-17");
    store.save(null);
    assertEquals(Map.of(), disk);
    assertNull(store.load());
  }

  @Test
  void aPositionThatCannotBeStoredIsReported() {
    diskIsFull = true;
    assertThrows(IllegalStateException.class, () -> store.save("epoch-17"));
  }

  /** Preferences that know what the store uses and nothing else. */
  private SharedPreferences preferences() {
    return proxy(
        SharedPreferences.class,
        (name, arguments) ->
            switch (name) {
              case "getString" -> disk.getOrDefault((String) arguments[0], (String) arguments[1]);
              case "edit" -> editor();
              default -> throw new UnsupportedOperationException(name);
            });
  }

  private SharedPreferences.Editor editor() {
    Map<String, String> edited = new HashMap<>(disk);
    SharedPreferences.Editor[] self = new SharedPreferences.Editor[1];
    self[0] =
        proxy(
            SharedPreferences.Editor.class,
            (name, arguments) ->
                switch (name) {
                  case "putString" -> {
                    if (arguments[1] == null) { // which means removal, as Android documents it
                      edited.remove((String) arguments[0]);
                    } else {
                      edited.put((String) arguments[0], (String) arguments[1]);
                    }
                    yield self[0];
                  }
                  case "commit" -> {
                    if (!diskIsFull) {
                      disk.clear();
                      disk.putAll(edited);
                    }
                    yield !diskIsFull;
                  }
                  default -> throw new UnsupportedOperationException(name);
                });
    return self[0];
  }

  private interface Calls {
    Object call(String name, Object[] arguments);
  }

  private static <T> T proxy(Class<T> type, Calls calls) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (self, method, arguments) -> calls.call(method.getName(), arguments)));
  }
}
