package io.eventchannel.okhttp;

import io.eventchannel.CloseReason;
import io.eventchannel.CloseReason.Kind;
import java.io.InputStream;
import java.util.Locale;
import okhttp3.Response;
import okio.GzipSource;
import okio.Okio;
import org.jspecify.annotations.Nullable;

/**
 * What the head of a response says about its body: whether it is an event stream, and how coded.
 */
final class StreamHead {
  private StreamHead() {}

  /**
   * Why a response is no stream that can be read; null if it is one.
   *
   * @param explanation what a status other than 200 means, in one line
   */
  static @Nullable CloseReason whyNoStream(Response response, String explanation) {
    if (response.code() != 200) {
      return CloseReason.httpStatus(response.code(), explanation);
    }
    String contentType = response.header("Content-Type");
    if (!isEventStream(contentType)) {
      return CloseReason.contentType(
          200, "content type: expected text/event-stream, got " + contentType);
    }
    String coding = response.header("Content-Encoding");
    if (isIdentity(coding) || (isGzip(coding) && isGzipAskedFor(response))) {
      return null;
    }
    return CloseReason.of(
        Kind.PROTOCOL,
        "Content-Encoding: expected identity"
            + (isGzipAskedFor(response) ? " or gzip" : "")
            + ", as asked for, got "
            + coding);
  }

  /** Compares the type alone, in any case; the stream is UTF-8 whatever its parameters say. */
  private static boolean isEventStream(@Nullable String contentType) {
    if (contentType == null) {
      return false;
    }
    int parameters = contentType.indexOf(';');
    String type = parameters < 0 ? contentType : contentType.substring(0, parameters);
    return type.trim().equalsIgnoreCase("text/event-stream");
  }

  private static boolean isIdentity(@Nullable String coding) {
    return coding == null || coding.equalsIgnoreCase("identity");
  }

  private static boolean isGzip(@Nullable String coding) {
    return coding != null && (coding.equalsIgnoreCase("gzip") || coding.equalsIgnoreCase("x-gzip"));
  }

  /**
   * Whether the request that was sent allows gzip; to another origin that wish does not go along.
   */
  private static boolean isGzipAskedFor(Response response) {
    for (String value : response.request().headers().values("Accept-Encoding")) {
      for (String member : value.split(",")) {
        String coding = member.trim().toLowerCase(Locale.ROOT).replace(" ", "");
        if (coding.equals("gzip") || (coding.startsWith("gzip;q=") && !isZero(coding))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean isZero(String weighted) {
    return weighted.substring(weighted.indexOf('=') + 1).matches("0(\\.0*)?");
  }

  /**
   * The bytes of a stream that {@link #whyNoStream} lets pass. A compressed one yields what was
   * flushed as soon as it is in, and at most as much at once as the reader asks for, so a limit on
   * an event bounds what it unpacks to.
   */
  static InputStream body(Response response) {
    return isGzip(response.header("Content-Encoding"))
        ? Okio.buffer(new GzipSource(response.body().source())).inputStream()
        : response.body().byteStream();
  }
}
