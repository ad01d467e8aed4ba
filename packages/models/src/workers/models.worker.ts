import { serveTasks } from "@signalpath/linalg";

import { TASKS } from "./tasks.ts";

serveTasks(TASKS);
