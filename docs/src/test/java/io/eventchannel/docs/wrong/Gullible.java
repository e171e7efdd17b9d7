package io.eventchannel.docs.wrong;

import java.security.cert.X509Certificate;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLSession;
import javax.net.ssl.X509TrustManager;

/** Wrong on purpose: trusts everybody. Nothing calls it. */
final class Gullible implements HostnameVerifier {
  @Override
  public boolean verify(String host, SSLSession session) {
    return true;
  }

  void byLambda(HttpsURLConnection connection) {
    connection.setHostnameVerifier((host, session) -> true);
  }

  static final class Trusting implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
