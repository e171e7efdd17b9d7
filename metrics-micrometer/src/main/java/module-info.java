/** Shows what an EventChannel server does as Micrometer meters. */
@SuppressWarnings("requires-transitive-automatic") // Micrometer's manifest reserves that name
module io.eventchannel.micrometer {
  requires static transitive org.jspecify;
  requires transitive io.eventchannel.core;
  requires transitive micrometer.core;

  exports io.eventchannel.micrometer;
}
