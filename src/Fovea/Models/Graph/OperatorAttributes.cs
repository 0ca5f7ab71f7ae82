using System.Collections;

namespace Fovea.Models.Graph;

/// <summary>
/// The fixed arguments of an operation by name: whole numbers (<see cref="long"/>), lists of them, numbers (<see cref="double"/>), flags
/// and words. Filled by a collection initialiser and not changed afterwards.
/// </summary>
public sealed class OperatorAttributes : IEnumerable<KeyValuePair<string, object>>
{
    private readonly SortedDictionary<string, object> _values = new(StringComparer.Ordinal);

    /// <summary>No arguments.</summary>
    public static OperatorAttributes None { get; } = new();

    /// <summary>Sets one.</summary>
    /// <exception cref="ArgumentException">The value has another type than those above, or the name stands twice.</exception>
    public object this[string name]
    {
        set
        {
            if (value is int small) value = (long)small;
            if (value is not (long or double or bool or string or long[]))
                throw new ArgumentException($"{name}: {value?.GetType().Name} is no type of an attribute.", nameof(value));
            _values.Add(name, value);
        }
    }

    /// <summary>Whether one of this name is given.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>A list of whole numbers; <paramref name="fallback"/> where it is not given.</summary>
    /// <exception cref="FoveaException">It is of another type, or missing without a fallback.</exception>
    public long[] Ints(string name, params long[] fallback) => Get<long[]>(name, fallback.Length == 0 ? null : fallback);

    /// <summary>A whole number.</summary>
    /// <inheritdoc cref="Ints"/>
    public long Int(string name, long? fallback = null) => Get<long>(name, fallback);

    /// <summary>A number.</summary>
    /// <inheritdoc cref="Ints"/>
    public double Number(string name, double? fallback = null) => Get<double>(name, fallback);

    /// <summary>A flag.</summary>
    /// <inheritdoc cref="Ints"/>
    public bool Flag(string name, bool fallback) => Get<bool>(name, fallback);

    /// <summary>A word.</summary>
    /// <inheritdoc cref="Ints"/>
    public string Text(string name, string? fallback = null) => Get<string>(name, fallback);

    /// <summary>
    /// A number as libtorch takes one, whole where it was given so. Made once and kept: docs/decisions/0009-scalars-and-the-collector.md.
    /// </summary>
    internal TorchSharp.Scalar Scalar(string name) =>
        // Without the casts the number would become a double first, whatever it is.
        _values.TryGetValue(name, out object? value) && value is long whole ? (TorchSharp.Scalar)whole : (TorchSharp.Scalar)Number(name);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => _values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private T Get<T>(string name, object? fallback) => (_values.TryGetValue(name, out object? value) ? value : fallback) switch
    {
        T found => found,
        long whole when typeof(T) == typeof(double) => (T)(object)(double)whole,
        null => throw FoveaException.BadData($"An operation lacks its attribute '{name}'."),
        var other => throw FoveaException.BadData($"The attribute '{name}' is {other}, which is no {typeof(T).Name}."),
    };
}
