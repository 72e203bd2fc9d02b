// What the property is: rooms, staff and devices. Only an administrator's device shows it.

import { perform } from "./dialogs.js";
import { state } from "./state.js";
import { definitions, form, showDialog } from "./ui.js";
import { said, word } from "./words.js";

const ROLES = ["clerk", "manager", "housekeeping"];

const names = () => [
  { name: "name_ja", label: word("name_ja"), required: true }, { name: "name_en", label: word("name_en"), required: true },
];

const chosen = (name, label, options) => ({ name, label, kind: "select", options });

export function openProperty() {
  const { devices, name, room_types, staff } = state.property;
  const rooms = state.board.map((row) => [row.room, `${row.room} ${row.room_type}`]);
  const here = staff.filter((one) => one.is_active).map((one) => [one.staff, said(one.name)]);
  const removable = devices.filter((one) => one.is_active).map((one) => [one.device, one.name]);
  const number = { name: "room", label: word("room"), required: true };
  const floor = { name: "floor", label: word("floor"), kind: "number", required: true };
  const type = { name: "room_type", label: word("room_type"), value: room_types[0] ?? "", required: true };
  showDialog(said(name),
    definitions(devices.map((one) => [one.name, `${word(one.device_class)}${one.is_active ? "" : ` (${word("removed")})`}`])),
    form(word("define_room"), [number, floor, type],
      (values) => perform("define_room", { ...values, floor: Number(values.floor) }), { open: true }),
    form(word("retire_room"), [chosen("room", word("room"), rooms)], (values) => perform("retire_room", values)),
    form(word("define_staff"), [{ name: "staff", label: "ID", required: true }, ...names(),
      chosen("role", word("role"), ROLES.map((role) => [role, word(role)]))], (values) => perform("define_staff", values)),
    form(word("remove_staff"), [chosen("staff", word("staff"), here)], (values) => perform("remove_staff", values)),
    form(word("remove_device"), [chosen("device", word("device"), removable)], (values) => perform("remove_device", values)));
}
