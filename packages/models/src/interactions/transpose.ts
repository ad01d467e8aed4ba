// Items x users of users x items: the same arithmetic as everywhere.
export { transpose } from "@signalpath/linalg";
