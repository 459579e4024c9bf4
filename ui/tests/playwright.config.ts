import { defineConfig } from "@playwright/test";

/** The browser suite: the shell's specs here, a rune's beside its scripts (runes/<id>/browser/*.spec.ts). */
export default defineConfig({
  testDir: "../..",
  testMatch: ["ui/tests/*.spec.ts", "runes/*/browser/*.spec.ts"],
  outputDir: "../test-results",
  globalSetup: "./start.ts",
  fullyParallel: false,
  workers: 1,
  retries: 1, // a busy machine may miss a moment once, never twice
  forbidOnly: Boolean(process.env.CI),
  timeout: 90_000, // the access checks take their time on small machines
  expect: { timeout: 15_000 },
  reporter: "line",
  use: {
    browserName: "chromium",
    locale: "en-GB",
    timezoneId: "Europe/Zurich",
    colorScheme: "light",
    contextOptions: { reducedMotion: "reduce" }, // fading glass takes a software renderer a sixth of the time
    launchOptions: {
      executablePath: process.env.RUNES_CHROMIUM ?? "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
    },
  },
});
