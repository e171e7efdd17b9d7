package com.example.prices;

import android.content.SharedPreferences;
import io.eventchannel.CursorStore;

/** Keeps the position of one channel under a key of its own. */
public final class PreferencesCursorStore implements CursorStore {
  private final SharedPreferences preferences;
  private final String key;

  public PreferencesCursorStore(SharedPreferences preferences, String key) {
    this.preferences = preferences;
    this.key = key;
  }

  @Override
  public String load() {
    return preferences.getString(key, null);
  }

  @Override
  public void save(String lastEventId) {
    if (!preferences.edit().putString(key, lastEventId).commit()) {
      throw new IllegalStateException("the position under " + key + " could not be stored");
    }
  }
}
