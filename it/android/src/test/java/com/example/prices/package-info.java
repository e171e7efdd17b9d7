/** What Android's build tools make of an application and the client; run with {@code -Pandroid}. */
package com.example.prices;
