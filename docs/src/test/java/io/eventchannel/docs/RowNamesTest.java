package io.eventchannel.docs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RowNamesTest {
  @Test
  void rowsAreReadFromTheFrontOfAName() {
    assertEquals(List.of("SSE-P-20"), RowNames.rowsOf("SSE_P_20_fact"));
    assertEquals(List.of("F01", "F02"), RowNames.rowsOf("F01_F02_fact"));
    assertEquals(List.of("S08", "INV-17", "WS-03"), RowNames.rowsOf("S08_INV_17_WS_03_fact"));
    assertEquals(List.of("F01"), RowNames.rowsOf("F01_afterS02_fact"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "S3_client",
        "S3client",
        "F1_score",
        "S256_hash",
        "F01",
        "fact_F01_x",
        "WSS_url",
        "S01client",
        "INVOICE_1_x",
        "WebSocket_1",
        "SSE_streams"
      })
  void ordinaryNamesNameNoRow(String name) {
    assertEquals(List.of(), RowNames.rowsOf(name));
    assertFalse(RowNames.isMisspelt(name), name);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SSE_P_1_x",
        "SSEP_01_x",
        "SSE_P01_x",
        "WS1_x",
        "WS_001_x",
        "INV21_x",
        "INV_4",
        "F_01_x",
        "S_1_x",
        "F01_WS_7_x",
        "SSE_P_20"
      })
  void namesThatCanOnlyBeMeantAsRowsAreMisspelt(String name) {
    assertTrue(RowNames.isMisspelt(name), name);
  }

  @ParameterizedTest
  @ValueSource(strings = {"SSE_P_20_x", "F01_F02_x", "INV_21_x", "WS_07_SSE_S_08_x", "plainFact"})
  void wellWrittenNamesAreNotMisspelt(String name) {
    assertFalse(RowNames.isMisspelt(name), name);
  }

  @Test
  void theFamilyIsWhatStandsBeforeTheNumber() {
    assertEquals("SSE-P", RowNames.familyOf("SSE-P-20"));
    assertEquals("F", RowNames.familyOf("F01"));
    assertEquals("INV", RowNames.familyOf("INV-42"));
  }
}
