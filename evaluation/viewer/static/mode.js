"use strict";
const EXPORTED = false;
