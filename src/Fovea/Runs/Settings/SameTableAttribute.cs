namespace Fovea.Runs.Settings;

/// <summary>
/// The keys of a record stand in the table of the setting that holds it, as if they were its own; a key that the table itself has is the
/// table's.
/// </summary>
/// <param name="except">Properties of the record that are no keys there.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class SameTableAttribute(params string[] except) : Attribute
{
    /// <summary>Properties of the record that are no keys in this table.</summary>
    public IReadOnlyList<string> Except { get; } = except;
}
