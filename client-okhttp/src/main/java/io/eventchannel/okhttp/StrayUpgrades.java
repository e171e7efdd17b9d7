package io.eventchannel.okhttp;

import java.io.IOException;
import okhttp3.Connection;
import okhttp3.Interceptor;
import okhttp3.Response;

/**
 * Closes a connection that answered 101 in a way which OkHttp does not take for an upgrade. OkHttp
 * reads such an answer as one without a body and would use the connection again, whose peer speaks
 * no HTTP any more. What the answer lacks is told by who reads it.
 */
final class StrayUpgrades implements Interceptor {
  @Override
  public Response intercept(Chain chain) throws IOException {
    Response response = chain.proceed(chain.request());
    Connection connection = chain.connection();
    if (response.code() == 101 && response.socket() == null && connection != null) {
      connection.socket().close();
    }
    return response;
  }
}
