module com.example.consumer {
  requires io.eventchannel.core;
  requires io.eventchannel.okhttp;
  requires io.eventchannel.jakarta;
  requires io.eventchannel.micrometer;
}
