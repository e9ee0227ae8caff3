// Every page: search shortcut, tabs, theme, toasts, dialogs, copy buttons, the bell. Each is bound by data- attributes; without this file the page still works.
import { bindBell } from "./bell.js";
import { bindCopy } from "./copy.js";
import { bindDialogs } from "./dialogs.js";
import { bindSearch } from "./search.js";
import { bindTabs } from "./tabs.js";
import { bindTheme } from "./theme.js";
import { bindToasts } from "./toasts.js";

bindBell(document);
bindCopy(document);
bindDialogs(document);
bindSearch(document);
bindTabs(document);
bindTheme(document);
bindToasts(document);
