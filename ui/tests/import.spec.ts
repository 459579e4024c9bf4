import type { Page } from "@playwright/test";
import { checkEverywhere, expect, signIn, test } from "./house.ts";

const file = (mark: string): string => [
  "Firma;UID-Nr.;Ort;Land;E-Mail",
  `Werk ${mark} Alpha AG;CHE-${mark}-1;Bern;Schweiz;a@werk.example`,
  `Werk ${mark} Beta GmbH;;München;Deutschland;`,
  `Werk ${mark} <img src=x onerror=alert(1)>;;Lyon;Frankreich;`,
  "X;;Atlantis;Atlantis;",
].join("\r\n");

/** Chooses a file as the button does; the form goes by itself. */
async function choose(page: Page, name: string, content: string): Promise<void> {
  await page.goto("/contacts/import");
  await page.locator('input[type="file"]').setInputFiles({ name, mimeType: "text/csv", buffer: Buffer.from(content) });
}

test.describe("importing a file", () => {
  test.use({ allowed: ["422"] });

  test("upload, columns, review, run, report and undo", async ({ page }) => {
    const mark = String(Date.now());
    await signIn(page, "lena", "/contacts");
    await page.getByRole("link", { name: "Import", exact: true }).click();
    await expect(page.getByRole("heading", { level: 1 })).toContainText("Import Companies");
    await expect(page.locator('.steps [aria-current="step"]')).toHaveText(/Upload/);
    await choose(page, "firmen.csv", file(mark));

    await expect(page.getByText("4 rows were read")).toBeVisible();
    await expect(page.getByLabel("Field for the column Firma")).toHaveValue("legal_name");
    await expect(page.getByLabel("Field for the column UID-Nr.")).toHaveValue("vat_id");
    await expect(page.getByLabel("Field for the column Land")).toHaveValue("country");
    await expect(page.getByText(`Werk ${mark} Alpha AG`)).toBeVisible(); // a sample
    await page.getByLabel("Field for the column E-Mail").selectOption("city");
    await page.getByRole("button", { name: "Review Rows" }).click();
    await expect(page.getByText("Two columns mean the same field.")).toBeVisible();
    await page.getByLabel("Field for the column E-Mail").selectOption("");
    await page.getByRole("button", { name: "Review Rows" }).click();

    await expect(page.getByText("This is what 4 rows will do.")).toBeVisible();
    await expect(page.getByText("Country “Atlantis”: Choose a country from the list.")).toBeVisible();
    await page.getByRole("link", { name: "New 3" }).click();
    await expect(page.getByText(`Werk ${mark} <img src=x onerror=alert(1)>`)).toBeVisible();
    // A step that is behind can be visited again, and remembers.
    await page.getByRole("link", { name: "Done Columns" }).click();
    await expect(page.getByLabel("Field for the column E-Mail")).toHaveValue("");
    await page.getByRole("button", { name: "Review Rows" }).click();
    await page.getByRole("button", { name: "Start Import" }).click();

    await expect(page.getByText("The import ended")).toBeVisible();
    await expect(page.getByRole("link", { name: "Added 3" })).toBeVisible();
    const errors = page.waitForEvent("download");
    await page.getByRole("link", { name: "Errors as CSV" }).click();
    expect((await errors).suggestedFilename()).toBe("firmen errors.csv");

    await page.getByRole("link", { name: "Undo Import" }).click();
    const dialog = page.getByRole("dialog", { name: "Undo this import?" });
    await dialog.getByRole("button", { name: "Undo Import" }).click();
    await expect(page.getByText("The import was undone: 3 rows taken back.")).toBeVisible();
    await page.goto(`/contacts?q=${mark}`);
    await expect(page.getByText("Alpha AG")).toHaveCount(0);
  });

  test("a file that is dropped goes like one that is chosen; a damaged one is refused in place", async ({ page }) => {
    await signIn(page, "lena", "/contacts/import");
    const drop = async (name: string, text: string): Promise<void> => {
      const data = await page.evaluateHandle(([n, t]) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([t ?? ""], n ?? ""));
        return transfer;
      }, [name, text]);
      await page.locator("ui-drop").dispatchEvent("drop", { dataTransfer: data });
    };
    await drop("broken.xlsx", "this is no workbook");
    await expect(page.getByRole("alert").getByText("This file is damaged and was not read.")).toBeVisible();
    await drop("fine.csv", "Company\nDropped AG\n");
    await expect(page.getByLabel("Field for the column Company")).toHaveValue("legal_name");
    await page.getByRole("button", { name: "Discard File" }).click();
    await expect(page.getByText("fine.csv was discarded. Nothing was imported.")).toBeVisible();
  });

  test("every step is accessible everywhere", async ({ page }) => {
    const mark = String(Date.now());
    await signIn(page, "lena", "/contacts/import");
    await checkEverywhere(page);
    await choose(page, "firmen.csv", file(mark));
    await expect(page.getByText("4 rows were read")).toBeVisible();
    await checkEverywhere(page);
    await page.getByRole("button", { name: "Review Rows" }).click();
    await expect(page.getByText("This is what 4 rows will do.")).toBeVisible();
    await checkEverywhere(page);
    await page.getByRole("button", { name: "Start Import" }).click();
    await expect(page.getByText("The import ended")).toBeVisible();
    await checkEverywhere(page);
    await page.goto("/contacts/import/history");
    await expect(page.getByText("firmen.csv").first()).toBeVisible();
    await checkEverywhere(page);
  });
});
