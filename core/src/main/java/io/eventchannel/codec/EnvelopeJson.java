package io.eventchannel.codec;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** The one JSON factory, set for small flat objects from strangers. */
final class EnvelopeJson {
  static final int MAX_NAME_LENGTH = 64;
  static final int MAX_NUMBER_LENGTH = 32;

  /** Bounds the idle buffers of all readers together, about 24 KiB each. */
  private static final int MAX_POOLED = 32;

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .configure(JsonFactory.Feature.INTERN_FIELD_NAMES, false)
          // The table of names would be shared by all connections and filled by strangers.
          .configure(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES, false)
          // Not by thread: a buffer would stay with each of the container's threads.
          .recyclerPool(JsonRecyclerPools.newBoundedPool(MAX_POOLED))
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(2) // one object; a value that nests is refused with its name
                  .maxNameLength(MAX_NAME_LENGTH)
                  .maxNumberLength(MAX_NUMBER_LENGTH)
                  .maxStringLength(Integer.MAX_VALUE) // the reader bounds the line it stands in
                  .build())
          .build();

  private EnvelopeJson() {}

  static JsonParser parser(byte[] bytes, int offset, int length) throws IOException {
    // As a stream: given a range of an array that does not begin at zero, a parser without a table
    // of names takes the range's end for its length and reads on into the next line.
    return FACTORY.createParser(new ByteArrayInputStream(bytes, offset, length));
  }
}
