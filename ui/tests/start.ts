import { startHouse } from "./server.ts";
import { demoPassword } from "./people.ts";

/** Starts the built binary with the demo workspace before the suite and stops it afterwards. */
export default async function start(): Promise<() => Promise<void>> {
  const house = await startHouse(["--demo", "--dev"], { RUNES_DEMO_PASSWORD: demoPassword });
  process.env.RUNES_TEST_ADDRESS = house.address;
  return house.stop;
}
