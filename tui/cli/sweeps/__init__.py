"""The plain command `descend sweep`: its pictures, reports and pages."""
