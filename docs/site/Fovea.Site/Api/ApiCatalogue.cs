using System.Reflection;
using System.Runtime.CompilerServices;
using Fovea.Site.Markup;

namespace Fovea.Site.Api;

/// <summary>The public types of an assembly, their members, and where on the site each is described.</summary>
internal sealed class ApiCatalogue
{
    private const BindingFlags Own = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private readonly Dictionary<string, string> _addresses = [];
    private readonly Dictionary<string, MemberInfo> _all = [];

    /// <param name="assembly">The assembly.</param>
    public ApiCatalogue(Assembly assembly)
    {
        Types = [.. assembly.GetTypes().Where(type => type.IsVisible && !type.FullName!.Contains('<')).OrderBy(type => type.FullName, StringComparer.Ordinal)];
        foreach (Type type in assembly.GetTypes())
        {
            _all.TryAdd(DocIds.Of(type), type);
            foreach (MemberInfo member in type.GetMembers(Own).Where(member => member is not Type)) _all.TryAdd(DocIds.Of(member), member);
        }
        foreach (Type type in Types)
        {
            _addresses[DocIds.Of(type)] = Page(type);
            var slugs = new Slugs();
            foreach (string group in MemberGroups.Names) slugs.Next(group);
            foreach (MemberInfo member in Members(type))
                _addresses[DocIds.Of(member)] = $"{Page(type)}#{slugs.Next(member is ConstructorInfo ? "new" : member.Name)}";
        }
    }

    /// <summary>The public types by name, those inside others too.</summary>
    public IReadOnlyList<Type> Types { get; }

    /// <summary>A type's own members that others can use or override, without what the compiler writes for records.</summary>
    /// <param name="type">The type.</param>
    public static IEnumerable<MemberInfo> Members(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type)) return [];
        return type.GetMembers(Own).Where(member => !member.Name.Contains('<') && member switch
        {
            FieldInfo field => (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) && !field.IsSpecialName,
            PropertyInfo property => property.Name != "EqualityContract" && property.GetAccessors(true).Any(Visible),
            EventInfo one => one.AddMethod is { } add && Visible(add),
            ConstructorInfo constructor => Visible(constructor) && !constructor.IsStatic && !IsCopy(constructor),
            MethodInfo method => Visible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal))
                && !method.IsDefined(typeof(CompilerGeneratedAttribute)),
            _ => false,
        }).OrderBy(member => member is FieldInfo && type.IsEnum ? "" : member.Name, StringComparer.Ordinal).ThenBy(member => member.MetadataToken);
    }

    /// <summary>Where a type or member is described.</summary>
    /// <param name="id">Its name in the documentation file.</param>
    /// <returns>The page, from the site's root, with an anchor for a member; null: it is not public.</returns>
    public string? Address(string id) => _addresses.GetValueOrDefault(id);

    /// <summary>A type or member of the assembly, public or not.</summary>
    /// <param name="id">Its name in the documentation file.</param>
    public MemberInfo? Find(string id) => _all.GetValueOrDefault(id);

    /// <summary>A type's page.</summary>
    /// <param name="type">A public type.</param>
    public static string Page(Type type) => $"api/{type.Namespace}/{FileName(type)}.html";

    /// <summary>A namespace's page.</summary>
    /// <param name="space">The namespace.</param>
    public static string Page(string space) => $"api/{space}/index.html";

    /// <summary>Whether others can use or override a method.</summary>
    /// <param name="method">The method.</param>
    public static bool Visible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    // The copy that a record's `with` makes.
    private static bool IsCopy(ConstructorInfo constructor) =>
        constructor.GetParameters() is [{ } only] && only.ParameterType == constructor.DeclaringType && constructor.IsDefined(typeof(CompilerGeneratedAttribute));

    private static string FileName(Type type) => (type.IsNested ? FileName(type.DeclaringType!) + "." : "") + type.Name.Replace('`', '-');
}
