"""What all pages share: ids, tags, blocks, and the gate that every publication passes."""
