// Proposes the workspace's address from its name until the address is typed by hand.
const name = document.getElementById("id_name");
const slug = document.getElementById("id_slug");
let own = slug.value !== "";

const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^[^a-z]+|-+$/g, "").slice(0, 40);

slug.addEventListener("input", () => { own = slug.value !== ""; });
name.addEventListener("input", () => { if (!own) slug.value = plain(name.value); });
