import { expect, test, until } from "./fixture";

test("the session id is there in the tick of init, and every event carries it", async ({ page, open, diptych }) => {
  await open({ after: "window.first = diptych.getInternalContext();" });
  const context = await page.evaluate("first");
  expect(context).toEqual({
    application_id: "shop",
    session_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    user_action: { id: [] },
    view: { id: expect.stringMatching(/^[0-9a-f-]{36}$/), url: page.url(), referrer: "" },
  });
  const [view] = await until(() => (diptych.events("view").length > 0 ? diptych.events("view") : undefined), "a view");
  expect(view?.session.id).toBe((context as { session_id: string }).session_id);
});
