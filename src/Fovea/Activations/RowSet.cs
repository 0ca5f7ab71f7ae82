using System.Collections;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Fovea.Activations;

/// <summary>
/// Rows of a source of vectors, in an order, as a value: how many they are and which one stands at a place, by arithmetic or from the file
/// they lie in. None of its forms but <see cref="Of"/> takes memory that grows with the rows. Immutable; thread-safe.
/// </summary>
[CollectionBuilder(typeof(RowSet), nameof(Of))]
public abstract class RowSet : IEnumerable<long>
{
    private const int RowsAtOnce = 4096;

    private protected RowSet()
    {
    }

    /// <summary>No rows.</summary>
    public static RowSet Empty { get; } = new RowRange(0, 0);

    /// <summary>How many rows there are; one that was drawn twice counts twice.</summary>
    public abstract long Count { get; }

    /// <summary>The row at a place.</summary>
    /// <param name="place">0 … Count − 1.</param>
    public long this[long place]
    {
        get
        {
            Span<long> row = stackalloc long[1];
            Read(place, row);
            return row[0];
        }
    }

    /// <summary>Rows <paramref name="first"/>, <paramref name="first"/> + 1, …</summary>
    /// <param name="first">The first row.</param>
    /// <param name="count">How many.</param>
    public static RowSet Range(long first, long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(first);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        _ = checked(first + count);
        return new RowRange(first, count);
    }

    /// <summary>Rows listed one by one: 8 bytes each, for few of them.</summary>
    /// <param name="rows">Not negative; a copy is kept.</param>
    public static RowSet Of(params ReadOnlySpan<long> rows) => rows.IsEmpty ? Empty : new RowList(rows.ToArray());

    /// <summary>As <see cref="Of"/>.</summary>
    /// <param name="rows">The rows.</param>
    public static implicit operator RowSet(long[] rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return Of(rows);
    }

    /// <summary>Writes the rows at places <paramref name="start"/>, <paramref name="start"/> + 1, …</summary>
    /// <param name="start">The first place.</param>
    /// <param name="rows">As many as are wanted.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public void Read(long start, Span<long> rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start, Count - rows.Length);
        Fill(start, rows);
    }

    /// <summary>Writes the rows at any places.</summary>
    /// <param name="places">Each 0 … Count − 1.</param>
    /// <param name="rows">As long as <paramref name="places"/>; may be the same memory.</param>
    public virtual void Gather(ReadOnlySpan<long> places, Span<long> rows)
    {
        for (int i = 0; i < places.Length; i++) rows[i] = this[places[i]];
    }

    /// <summary>
    /// A random part without replacement, in the order of this set: every row has the same chance to be in it. Memory does not grow with
    /// the part.
    /// </summary>
    /// <param name="count">How many; where there are not more, the set itself is given back.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="stage">A name for the purpose; different names give independent parts.</param>
    public RowSet Sample(long count, ulong seed, string stage)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        return count == 0 ? Empty : Count <= count ? this : new SampledRows(this, count, seed, stage);
    }

    /// <summary>All rows as an array: for few of them.</summary>
    /// <exception cref="OverflowException">There are more than an array can hold.</exception>
    public long[] ToArray()
    {
        var rows = new long[checked((int)Count)];
        Read(0, rows);
        return rows;
    }

    /// <summary>The rows in their order, found a few thousand at a time.</summary>
    public IEnumerator<long> GetEnumerator()
    {
        var rows = new long[(int)Math.Min(RowsAtOnce, Count)];
        for (long start = 0; start < Count; start += RowsAtOnce)
        {
            int some = (int)Math.Min(RowsAtOnce, Count - start);
            Read(start, rows.AsSpan(0, some));
            for (int i = 0; i < some; i++) yield return rows[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>No row is as large as this.</summary>
    internal abstract long End { get; }

    /// <summary>Adds what decides the rows and their order, in an amount that does not grow with them.</summary>
    internal abstract void Identify(IncrementalHash hash);

    /// <summary>Refuses rows that a source does not have.</summary>
    internal void RequireWithin(IVectorSource source)
    {
        if (End > source.Count) throw new ArgumentOutOfRangeException(nameof(source), End - 1, $"The source has {source.Count} rows.");
    }

    /// <summary><see cref="Read"/> after its checks.</summary>
    private protected abstract void Fill(long start, Span<long> rows);

    /// <summary>Adds a form's name and numbers.</summary>
    private protected static void Identify(IncrementalHash hash, string form, params ReadOnlySpan<long> numbers)
    {
        hash.AppendData(Encoding.UTF8.GetBytes(form));
        hash.AppendData(MemoryMarshal.AsBytes(numbers));
    }
}
