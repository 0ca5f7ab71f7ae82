using System.Reflection;

namespace Fovea.Runs.Settings;

/// <summary>A key of a recipe's table and the setting behind it.</summary>
/// <param name="Key">As a recipe spells it.</param>
/// <param name="Property">The setting.</param>
/// <param name="Owners">From the table's record to the one that has the setting; empty: the table's own.</param>
public sealed record TableKey(string Key, PropertyInfo Property, IReadOnlyList<PropertyInfo> Owners)
{
    /// <summary>Whether a table must have the key.</summary>
    public bool IsRequired => Key == SettingNames.VariantKey && OfVariant || (Owners.Count == 0 && SettingNames.IsRequired(Property));

    /// <summary>Whether it belongs to a variant of autoencoder, so that another variant may not have it.</summary>
    public bool OfVariant => Owners.Count > 0 && SettingNames.IsVariant(Owners[^1].PropertyType);

    /// <summary>The setting's value in a table of settings.</summary>
    /// <param name="table">The record that the table is.</param>
    public object? Get(object table) => Property.GetValue(Owner(table));

    /// <summary>Sets the value in a table of settings that is being made.</summary>
    /// <param name="table">The record that the table is.</param>
    /// <param name="value">The value.</param>
    public void Set(object table, object? value) => Property.SetValue(Owner(table), value);

    private object Owner(object table) => Owners.Aggregate(table, (record, owner) => owner.GetValue(record)!);
}
