package sample;

import java.util.List;

/** Text. */
public class Sample<T extends Comparable<? super T>> {
    private final List<?> items;

    public Sample(List<?> items) {
        this.items = items;
    }

    @Override
    public <R> R find(String name, int... keys) throws Exception {
        label:
        for (Object item : items) {
            while (item != null && !(name == null && keys == null)) {
                if (item.equals(name)) break label;
                else item = item == this ? null : name;
            }
        }
        try {
            return switch (keys.length) {
                case 0, 1 -> null;
                case 2 -> throw new Exception();
                default -> items.stream().filter(i -> i != null || i == name).count() > 0 ? null : null;
            };
        } catch (RuntimeException e) {
            if (e.getMessage() == null) throw e;
        } finally {
            items.clear();
        }
        return null;
    }

    Runnable task() {
        return new Runnable() {
            public void run() {
                if (items.isEmpty()) items.clear();
            }
        };
    }

    abstract static class Inner {
        abstract void nothing();
    }
}
