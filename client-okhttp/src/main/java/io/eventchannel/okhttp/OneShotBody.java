package io.eventchannel.okhttp;

import io.eventchannel.transport.PostBody;
import java.io.IOException;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import org.jspecify.annotations.Nullable;

/**
 * A body that OkHttp writes once for a call. Of its own accord OkHttp repeats a request whose
 * connection broke, and one that got 408, 421 or 503; a POST must reach a server as often as the
 * policy says, so only a body of this kind will do.
 */
final class OneShotBody extends RequestBody {
  private final RequestBody body;

  OneShotBody(RequestBody body) {
    this.body = body;
  }

  /** Returns the body of a channel's POST; its content type goes as a header, letter by letter. */
  static OneShotBody of(PostBody post) {
    return new OneShotBody(
        new RequestBody() {
          @Override
          public @Nullable MediaType contentType() {
            return null;
          }

          @Override
          public long contentLength() {
            return post.length();
          }

          @Override
          public void writeTo(BufferedSink sink) throws IOException {
            sink.write(post.bytes());
          }
        });
  }

  @Override
  public @Nullable MediaType contentType() {
    return body.contentType();
  }

  @Override
  public long contentLength() throws IOException {
    return body.contentLength();
  }

  @Override
  public void writeTo(BufferedSink sink) throws IOException {
    body.writeTo(sink);
  }

  @Override
  public boolean isOneShot() {
    return true;
  }
}
