package io.eventchannel.okhttp;

import java.io.IOException;
import java.net.ProtocolException;
import java.net.Proxy;
import okhttp3.Connection;
import okhttp3.Interceptor;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the status 407 of a server, or of a proxy that nobody configured. OkHttp makes an error of
 * it that says nothing more, while the channel has a row for this status (protocol rule R-3).
 */
final class ProxyRefusals implements Interceptor {
  /** A 407; OkHttp does not repeat a request after this kind of error. */
  static final class ProxyRefusal extends ProtocolException {
    private static final long serialVersionUID = 1;

    private final transient Response response;

    private ProxyRefusal(Response response) {
      super("407 from a server that is not known as a proxy");
      this.response = response;
    }

    /** The response, with an empty body. */
    Response response() {
      return response;
    }
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    Response response = chain.proceed(chain.request());
    if (response.code() != 407 || isByProxy(chain.connection())) {
      return response;
    }
    response.close();
    throw new ProxyRefusal(
        response.newBuilder().body(ResponseBody.create(new byte[0], null)).build());
  }

  private static boolean isByProxy(@Nullable Connection connection) {
    return connection != null && connection.route().proxy().type() == Proxy.Type.HTTP;
  }
}
