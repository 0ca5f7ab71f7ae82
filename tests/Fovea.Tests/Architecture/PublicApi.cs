using System.Reflection;
using System.Runtime.CompilerServices;

namespace Fovea.Tests.Architecture;

/// <summary>The public members of types, one a line and sorted, so that a change of them is seen in a review.</summary>
internal static class PublicApi
{
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>Every visible type and its own members that others can use or override, without what the compiler writes for records.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<Type> types) =>
        [.. types.Where(type => type.IsVisible).SelectMany(type => Members(type).Prepend($"{Name(type)} : {Kind(type)}")).Distinct().Order(StringComparer.Ordinal)];

    private static IEnumerable<string> Members(Type type)
    {
        string name = Name(type);
        if (typeof(Delegate).IsAssignableFrom(type)) yield break;
        foreach (FieldInfo field in type.GetFields(Own).Where(field => field.IsPublic && !field.IsSpecialName))
            yield return $"{name}.{field.Name} : {Name(field.FieldType)}";
        foreach (PropertyInfo property in type.GetProperties(Own).Where(property => property.GetAccessors(true).Any(Visible) && property.Name != "EqualityContract"))
        {
            string parameters = Parameters(property.GetIndexParameters());
            string index = parameters.Length == 0 ? "" : $"[{parameters}]";
            string set = property.SetMethod is { } setter && Visible(setter)
                ? setter.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? " init" : " set"
                : "";
            yield return $"{name}.{property.Name}{index} : {Name(property.PropertyType)} {{{(property.GetMethod is { } getter && Visible(getter) ? " get" : "")}{set} }}";
        }
        foreach (ConstructorInfo constructor in type.GetConstructors(Own).Where(one => Visible(one) && !one.IsStatic))
            yield return $"{name}({Parameters(constructor.GetParameters())})";
        foreach (MethodInfo method in type.GetMethods(Own).Where(one => Visible(one) && !one.IsSpecialName && !one.IsDefined(typeof(CompilerGeneratedAttribute)) && !one.Name.Contains('<')))
        {
            string generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>" : "";
            yield return $"{name}.{method.Name}{generic}({Parameters(method.GetParameters())}) : {Name(method.ReturnType)}";
        }
    }

    private static bool Visible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static string Kind(Type type) => type switch
    {
        { IsEnum: true } => "enum",
        { IsValueType: true } => "struct",
        { IsInterface: true } => "interface",
        { IsAbstract: true, IsSealed: true } => "static class",
        { IsAbstract: true } => "abstract class",
        { IsSealed: true } => "sealed class",
        _ => "class",
    };

    private static string Parameters(ParameterInfo[] parameters) =>
        string.Join(", ", parameters.Select(one => $"{Name(one.ParameterType)} {one.Name}{(one.HasDefaultValue ? "?" : "")}"));

    private static string Name(Type type)
    {
        if (type.IsByRef) return "ref " + Name(type.GetElementType()!);
        if (type.IsArray) return Name(type.GetElementType()!) + "[]";
        if (type.IsPointer) return Name(type.GetElementType()!) + "*";
        if (type.IsGenericParameter) return type.Name;
        string plain = type.Namespace is { } space && !type.IsPrimitive && type != typeof(string) && type != typeof(object) && type != typeof(void)
            ? $"{(type.IsNested ? Name(type.DeclaringType!) : space)}.{type.Name}" : type.Name;
        if (!type.IsGenericType) return plain;
        int tick = plain.LastIndexOf('`');
        return (tick < 0 ? plain : plain[..tick]) + $"<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
    }
}
