"use strict";

// Swagger UI 4 reads OpenAPI 3.0; what a 3.1 document has beyond it, it shows as it is written.
async function show() {
  const answer = await fetch("openapi.json", { credentials: "same-origin" });
  const document = await answer.json();
  SwaggerUIBundle({
    spec: { ...document, openapi: "3.0.3" },
    dom_id: "#docs",
    deepLinking: true,
    validatorUrl: null,
    syntaxHighlight: false,
    presets: [SwaggerUIBundle.presets.apis],
  });
}

show();
