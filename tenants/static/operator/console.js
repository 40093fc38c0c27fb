/* What the console's pages do better with a script; all of them work without. */
(function () {
  "use strict";

  /* On a phone a row is a card (tables.css): each cell needs the heading of its column beside it. */
  function label(table) {
    var headings = Array.prototype.map.call(table.tHead.rows[0].cells, function (cell) {
      return cell.textContent.trim();
    });
    Array.prototype.forEach.call(table.tBodies, function (body) {
      Array.prototype.forEach.call(body.rows, function (row) {
        Array.prototype.forEach.call(row.cells, function (cell, at) {
          var text = cell.textContent.trim();
          if ((text === "" || text === "–") && !cell.querySelector("svg, img, form, a")) cell.classList.add("blank");
          if (headings[at] && cell.colSpan === 1) cell.setAttribute("data-label", headings[at]);
          /* one box for all a cell holds, so that it stands beside its label as one */
          var box = document.createElement("div");
          box.className = "cell";
          while (cell.firstChild) box.appendChild(cell.firstChild);
          cell.appendChild(box);
        });
      });
    });
    table.classList.add("stacked");
    if (table.parentNode.classList.contains("scroll")) table.parentNode.classList.add("stacked-frame");
  }

  Array.prototype.forEach.call(document.querySelectorAll("table:not(.rows)"), function (table) {
    if (table.tHead && table.tHead.rows.length) label(table);
  });

  /* Menus close when somebody goes on elsewhere, and by Escape. */
  function close(except) {
    Array.prototype.forEach.call(document.querySelectorAll("details.menu[open]"), function (menu) {
      if (!except || !menu.contains(except)) menu.removeAttribute("open");
    });
  }
  document.addEventListener("click", function (event) {
    close(event.target);
  });
  document.addEventListener("focusin", function (event) {
    close(event.target);
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    var open = document.querySelector("details.menu[open]");
    if (open) {
      open.querySelector("summary").focus();
      close(null);
    }
  });
})();
