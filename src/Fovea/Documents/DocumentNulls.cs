using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Fovea.Documents;

/// <summary>
/// Finds nulls inside lists and maps whose entries must not be null: the JSON reader knows of members that may not be null, of entries it
/// does not.
/// </summary>
internal static class DocumentNulls
{
    private static readonly ConcurrentDictionary<Type, Member[]> Known = new();

    /// <summary>A clause that names the first such entry; null where there is none.</summary>
    public static string? Find(object document) => Find(document, "");

    private static string? Find(object document, string path)
    {
        foreach (Member member in Known.GetOrAdd(document.GetType(), Members))
        {
            if (member.Property.GetValue(document) is { } value && Find(value, member.Nullability, path + member.Name) is { } fault)
                return fault;
        }
        return null;
    }

    private static string? Find(object value, NullabilityInfo nullability, string path)
    {
        if (value is string || value.GetType().IsPrimitive) return null;
        if (value is not IEnumerable entries) return IsOurs(value.GetType()) ? Find(value, path + ".") : null;
        NullabilityInfo? entry = nullability.ElementType ?? nullability.GenericTypeArguments.LastOrDefault();
        // Numbers are not references: a row of them has no null to find.
        if (entry is null || entry.Type.IsPrimitive) return null;
        int at = 0;
        foreach (object? one in entries)
        {
            bool isPair = one?.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(KeyValuePair<,>);
            object? item = isPair ? one!.GetType().GetProperty("Value")!.GetValue(one) : one;
            string place = $"{path}[{at++}]";
            if (item is null)
            {
                if (!entry.Type.IsValueType && entry.ReadState == NullabilityState.NotNull) return $"{place} is null";
            }
            else if (Find(item, entry, place) is { } fault)
            {
                return fault;
            }
        }
        return null;
    }

    private static bool IsOurs(Type type) => type.Namespace == typeof(DocumentNulls).Namespace;

    private static Member[] Members(Type type)
    {
        var context = new NullabilityInfoContext();
        return
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(property => property.GetIndexParameters().Length == 0 && !property.PropertyType.IsValueType
                    && property.PropertyType != typeof(string)
                    && property.PropertyType != typeof(Type)
                        && property.GetCustomAttribute<JsonIgnoreAttribute>() is not { Condition: JsonIgnoreCondition.Always })
                .Select(property => new Member(property, JsonNamingPolicy.CamelCase.ConvertName(property.Name), context.Create(property))),
        ];
    }

    private sealed record Member(PropertyInfo Property, string Name, NullabilityInfo Nullability);
}
