"use strict";

// A body that creates something is shown without the id of the contract's example, and a table without its lines: those
// may be mentors of this service, and "Execute" changes nothing before the reader has typed one.
const BodiesWithoutIds = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (original) => (description) => {
          for (const { post } of Object.values(description.paths)) {
            const { "application/json": body, "text/csv": table } = post?.requestBody.content ?? {};
            if (body) body.example.mentor_id = "";
            if (table) table.example = table.example.split("\r\n")[0];
          }
          return original(description);
        },
      },
    },
  },
});

// Swagger UI has a dark style, but no switch of its own.
const dark = matchMedia("(prefers-color-scheme: dark)");
const followTheReader = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", followTheReader);
followTheReader();

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#api",
  deepLinking: true,
  tryItOutEnabled: true,
  validatorUrl: null, // it would ask a foreign server
  plugins: [BodiesWithoutIds],
});
