/** The people of the demo workspace. */
export const demoPassword = "a fjord, a halden, a demo";
const people = {
  lena: { email: "lena.brandt@halden-fjord.example", first: "Lena" }, // owner
  amir: { email: "amir.haddad@halden-fjord.example", first: "Amir" },
  noor: { email: "noor.jansen@halden-fjord.example", first: "Noor" },
  tomas: { email: "tomas.vidal@halden-fjord.example", first: "Tomás" },
  mina: { email: "mina.roth@halden-fjord.example", first: "Mina" }, // guest without Cloud Storage
} as const;

export type Person = keyof typeof people;

export function person(name: Person): { email: string; first: string; password: string } {
  return { ...people[name], password: demoPassword };
}
