/** EventChannel's client transports on OkHttp, for the JVM and Android. */
module io.eventchannel.okhttp {
  requires static transitive org.jspecify;
  requires transitive io.eventchannel.core;
  requires transitive okhttp3;
  requires transitive okhttp3.sse;
  requires java.logging;
  requires okio;
  requires kotlin.stdlib; // okhttp's signatures name its types

  exports io.eventchannel.okhttp;
}
