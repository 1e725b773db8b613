"""Longhaul: train and evaluate policies that carry a task through many dependent steps."""
