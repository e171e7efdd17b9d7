package io.eventchannel.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.eventchannel.CloseReason;
import io.eventchannel.Event;
import io.eventchannel.EventChannel;
import io.eventchannel.EventChannelListener;
import io.eventchannel.Gap;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Prints one JSON object a line for each callback, for programs. */
final class JsonPrinter implements EventChannelListener {
  private static final JsonFactory JSON = new JsonFactory();

  private final PrintStream out;

  JsonPrinter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void onOpen(EventChannel channel) {
    print("open", json -> field(json, "transport", channel.transport()));
  }

  @Override
  public void onEvent(EventChannel channel, Event event) {
    print(
        "event",
        json -> {
          field(json, "id", event.id());
          field(json, "type", event.type());
          field(json, "topic", event.topic());
          if (event.isBinary()) {
            json.writeBinaryField("base64", event.bytes());
          } else {
            json.writeStringField("data", event.data());
          }
        });
  }

  @Override
  public void onGap(EventChannel channel, Gap gap) {
    print(
        "gap",
        json -> {
          field(json, "reason", gap.reason().wireName());
          field(json, "missedAfter", gap.missedAfter());
          field(json, "resumedAt", gap.resumedAt());
        });
  }

  @Override
  public void onConnectionLost(EventChannel channel, CloseReason reason, Duration retryDelay) {
    print(
        "connectionLost",
        json -> {
          reason(json, reason);
          json.writeNumberField("retryMillis", retryDelay.toMillis());
        });
  }

  @Override
  public void onClosed(EventChannel channel, CloseReason reason) {
    print("closed", json -> reason(json, reason));
  }

  private static void reason(JsonGenerator json, CloseReason reason) throws IOException {
    json.writeStringField("kind", reason.kind().name());
    if (reason.code() >= 0) {
      json.writeNumberField("code", reason.code());
    }
    json.writeStringField("text", reason.text());
  }

  private static void field(JsonGenerator json, String name, @Nullable String value)
      throws IOException {
    if (value != null) {
      json.writeStringField(name, value);
    }
  }

  private void print(String callback, Fields fields) {
    StringWriter line = new StringWriter();
    try (JsonGenerator json = JSON.createGenerator(line)) {
      json.writeStartObject();
      json.writeStringField("callback", callback);
      fields.write(json);
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a string writer does not fail", e);
    }
    out.println(line);
    out.flush();
  }

  private interface Fields {
    void write(JsonGenerator json) throws IOException;
  }
}
