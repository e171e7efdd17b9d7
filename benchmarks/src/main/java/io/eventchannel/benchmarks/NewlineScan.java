package io.eventchannel.benchmarks;

import java.nio.charset.StandardCharsets;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * What parsing costs at least: a loop for LF over the whole stream in one array, and one string for
 * each ID and data. It takes names by their first byte and knows no CR, BOM, type, limit or chunk.
 */
final class NewlineScan {
  private static final int ID_PREFIX = "id: ".length();
  private static final int DATA_PREFIX = "data: ".length();

  private final byte[] scratch = new byte[64 * 1024];

  void parse(byte[] stream, BiConsumer<@Nullable String, String> sink) {
    @Nullable String id = null;
    int lines = 0;
    int dataFrom = 0;
    int dataTo = 0;
    int joined = 0;
    int from = 0;
    for (int i = 0; i < stream.length; i++) {
      if (stream[i] != '\n') {
        continue;
      }
      if (i == from) {
        String data =
            lines == 1
                ? new String(stream, dataFrom, dataTo - dataFrom, StandardCharsets.UTF_8)
                : new String(scratch, 0, joined, StandardCharsets.UTF_8);
        sink.accept(id, data);
        lines = 0;
        joined = 0;
      } else if (stream[from] == 'd') {
        if (lines == 1) {
          joined = join(stream, dataFrom, dataTo, joined);
        }
        dataFrom = from + DATA_PREFIX;
        dataTo = i;
        if (++lines > 1) {
          scratch[joined++] = '\n';
          joined = join(stream, dataFrom, dataTo, joined);
        }
      } else if (stream[from] == 'i') {
        id = new String(stream, from + ID_PREFIX, i - from - ID_PREFIX, StandardCharsets.UTF_8);
      }
      from = i + 1;
    }
  }

  private int join(byte[] stream, int from, int to, int at) {
    System.arraycopy(stream, from, scratch, at, to - from);
    return at + to - from;
  }
}
