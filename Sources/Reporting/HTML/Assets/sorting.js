for (const table of document.querySelectorAll("table")) {
  const headers = [...(table.tHead?.rows[0]?.cells ?? [])];
  headers.forEach((header, column) => {
    header.querySelector("button")?.addEventListener("click", () => {
      const isAscending = header.getAttribute("aria-sort") === "ascending";
      for (const other of headers) other.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", isAscending ? "descending" : "ascending");
      const key = row => {
        const text = row.cells[column].dataset.value;
        return text === "" ? null : Number(text);
      };
      const rows = [...table.tBodies[0].rows].map(row => ({row, value: key(row)}));
      rows.sort((a, b) => {
        // What has no value stays last in either direction.
        if (a.value === null || b.value === null) return (a.value === null) - (b.value === null);
        return isAscending ? b.value - a.value : a.value - b.value;
      });
      table.tBodies[0].append(...rows.map(entry => entry.row));
    });
  });
}
