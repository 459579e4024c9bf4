import { defineConfig } from "@playwright/test";
import suite from "./playwright.config.ts";

/** The figures of the design language, section 14, measured in Chromium: `make bench` runs it. */
export default defineConfig({ ...suite, testDir: ".", testMatch: "speed.bench.ts", retries: 0 });
